-- The span of whoever asked for a command, where it came with the request: the parent of the command's own in the trace.
alter table command add column trace_parent text collate "C";
