/** How an asset gets its certificate: claim token, CA pin, EST (RFC 7030), and where it is kept. */
@NullMarked
package dev.muster.simulator.enrol;

import org.jspecify.annotations.NullMarked;
