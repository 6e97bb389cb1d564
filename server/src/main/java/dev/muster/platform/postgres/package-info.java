/** PostgreSQL: embedded or given by URL. */
@NullMarked
package dev.muster.platform.postgres;

import org.jspecify.annotations.NullMarked;
