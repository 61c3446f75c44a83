"""Settings and API keys: where they are stored, and which value is in force."""
