/**
 * Backups of everything that the server owns, made while it runs, and the way back.
 *
 * <p>A backup is of the moment at which it begins. In this order: how far the journal's consumers are, a snapshot of
 * PostgreSQL, a checkpoint of QuestDB, the journal's files up to what is synced by then. No store is ahead of the journal that
 * goes with it, and what a store lacks of it the consumers read again after the way back: they are idempotent.
 *
 * <p>It is a tar archive:
 *
 * <pre>
 * muster-backup.json        what it is ({@link dev.muster.backup.BackupHeader})
 * postgres/tables.json      columns and numbers of rows; sequences
 * postgres/TABLE/00001.copy rows as COPY writes them, a mebibyte or so in each
 * data/…                    the data directory, QuestDB with its checkpoint, the journal
 * SHA256SUMS                of all of them, as sha256sum checks it; whoever finds no such file has a torn archive
 * </pre>
 *
 * <p>Table: {@code backup_run}.
 */
@NullMarked
package dev.muster.backup;

import org.jspecify.annotations.NullMarked;
