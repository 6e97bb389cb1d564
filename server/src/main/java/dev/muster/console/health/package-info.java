/** How the server itself does: its queue, its consumers, its stores, its workers. Only what it measures anyway. */
@NullMarked
package dev.muster.console.health;

import org.jspecify.annotations.NullMarked;
