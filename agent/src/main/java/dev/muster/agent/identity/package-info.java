/** The asset's key and certificate: enrolment and renewal by EST (RFC 7030), in a file or in a PKCS #11 token. */
@NullMarked
package dev.muster.agent.identity;

import org.jspecify.annotations.NullMarked;
