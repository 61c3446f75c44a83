"""A local mock of the Mira API, for trying mira without a key and for tests."""
