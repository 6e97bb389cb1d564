/** Every route of the API, called by everybody: the table of who may do what, and the check that compares it with a server. */
@NullMarked
package dev.muster.identity.access;

import org.jspecify.annotations.NullMarked;
