/** Files of releases, by the SHA-256 of their content: uploaded in pieces, checked when whole. */
@NullMarked
package dev.muster.release.artifact;

import org.jspecify.annotations.NullMarked;
