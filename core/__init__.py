"""What every app stands on: people, regions, calendar, audit, outbox, jobs, money. Knows no app above it."""
