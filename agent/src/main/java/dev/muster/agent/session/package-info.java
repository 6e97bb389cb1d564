/** The connection to the server: one session after the other, and how long to wait between them. */
@NullMarked
package dev.muster.agent.session;

import org.jspecify.annotations.NullMarked;
