/** Enrolment over secure transport (RFC 7030, RFC 8951) on the device HTTPS port. */
@NullMarked
package dev.muster.gateway.est;

import org.jspecify.annotations.NullMarked;
