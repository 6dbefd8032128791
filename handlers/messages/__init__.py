"""What messages carry and how they are sent: attachments, entities, media groups, HTML, chat actions."""
