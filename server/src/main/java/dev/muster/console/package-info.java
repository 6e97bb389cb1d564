/** The web console: its files, and the read models of its dashboards. */
@NullMarked
package dev.muster.console;

import org.jspecify.annotations.NullMarked;
