/** What the device plane needs of its surroundings; in-process in the server, offline in a regional gateway. */
@NullMarked
package dev.muster.gateway.port;

import org.jspecify.annotations.NullMarked;
