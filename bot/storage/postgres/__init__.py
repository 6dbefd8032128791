"""What several processes of one bot share, in PostgreSQL: store, inbox, and what was sent."""
