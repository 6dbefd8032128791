"""From a message or a button to a query for the engine."""
