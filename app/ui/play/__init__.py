"""Playing scripts with real events, and recording what a person does as one."""
