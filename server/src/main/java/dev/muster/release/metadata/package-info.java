/** The signed metadata of this server: what was accepted, and the two roles that it signs itself. Table {@code tuf_metadata}. */
@NullMarked
package dev.muster.release.metadata;

import org.jspecify.annotations.NullMarked;
