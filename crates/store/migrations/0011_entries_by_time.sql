-- Lists of entries of all queues are read in order of their begin, a page at a time.
CREATE INDEX queue_entries_by_time ON queue_entries (entered_at, entry);
