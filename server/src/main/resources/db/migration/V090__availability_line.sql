-- How assets stand at the checkpoint, and what they gained since it was written to availability_day: some thousand assets in a row,
-- packed, because two rows of each with every minute would be most of what the database does. Days are written once in an
-- hour. availability_session holds what a version before left, and is empty after the first checkpoint.
create table availability_line (
    bucket smallint primary key,
    lines  bytea not null
) with (fillfactor = 50);
