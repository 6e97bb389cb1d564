/** Backups on this side: the file they go to, and whether they came whole. */
@NullMarked
package dev.muster.cli.backup;

import org.jspecify.annotations.NullMarked;
