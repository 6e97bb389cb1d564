/** The internal CA, claim tokens, certificates and their revocation. */
@NullMarked
package dev.muster.pki;

import org.jspecify.annotations.NullMarked;
