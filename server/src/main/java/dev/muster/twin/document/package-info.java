/** Desired and reported documents as values: merged, compared, written. Knows no database and no clock. */
@NullMarked
package dev.muster.twin.document;

import org.jspecify.annotations.NullMarked;
