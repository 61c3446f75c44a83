"""The HTTP client for the Mira chat API."""
