"""The JSON API of the chat page: routes, what the person does, and whose session it is."""
