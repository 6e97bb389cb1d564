/** How a file was built, as signed by who built it: in-toto statements of SLSA 1 in DSSE envelopes. JDK and Jackson only. */
@NullMarked
package dev.muster.protocol.provenance;

import org.jspecify.annotations.NullMarked;
