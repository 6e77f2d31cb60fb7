"""What every API of the portal shares."""
