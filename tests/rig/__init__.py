"""A simulator for tests: what it received can be looked at, and it knows many more faults than the public one."""
