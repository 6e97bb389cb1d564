/** Enrolment over secure transport (RFC 7030, RFC 8951) for device HTTPS. */
@NullMarked
package dev.muster.gateway.est;

import org.jspecify.annotations.NullMarked;
