/**
 * Who changed what, before and after, written in the transaction of the change.
 *
 * <p>Table: {@code audit_entry}, which the database refuses to update or delete.
 */
@NullMarked
package dev.muster.audit;

import org.jspecify.annotations.NullMarked;
