/**
 * Commands: something that one asset is to do once, before a deadline.
 *
 * <pre>
 *          slot of its run            the asset says so
 *  queued ─────────────────▶ pending ──────────────────▶ accepted ─▶ running
 *    │                        │  │ │                        │          │
 *    │ cancel, run stopped    │  │ │ deadline               │ deadline │
 *    ▼                        │  │ ▼                        ▼          ▼
 *  cancelled ◀─────cancel─────┘  │ expired             indeterminate ◀─┘
 *    ┊                           │   ┊                        ┊
 *    ┊ signs that it began       │   ┊ signs that it began    ┊ the asset's word, late
 *    ┊ ┄┄┄┄┄▶ indeterminate      │   ┊ ┄┄┄┄┄▶ indeterminate   ▼
 *    ▼                           ▼   ▼
 *   the asset's word: succeeded, failed, rejected, expired
 * </pre>
 *
 * <p>Pending commands go out in every session of the asset until it has answered; it remembers ids, so it does each at
 * most once. From {@code accepted} on nothing is sent again: what then ends without a word is {@code indeterminate}, which
 * means that nobody knows. The first definite word of the asset is final; a later one that says otherwise is kept in the
 * history. A word after the deadline settles what was {@code expired} or {@code indeterminate}, and counts as late.
 *
 * <p>{@link dev.muster.command.CommandEngine} decides; {@link dev.muster.command.CommandWorker} gives slots and notices
 * deadlines. A retry is a command of its own, linked to the one before: no success rate can be mended by trying again.
 *
 * <p>Tables {@code command}, {@code command_step} (history), {@code command_run} (a selection with a bound on how many
 * commands are under way).
 */
@NullMarked
package dev.muster.command;

import org.jspecify.annotations.NullMarked;
