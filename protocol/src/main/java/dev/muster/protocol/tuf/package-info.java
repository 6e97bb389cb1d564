/**
 * Signed release metadata of The Update Framework: records, canonical JSON, Ed25519, and the client that believes nothing
 * else. Server, command line and agent share it.
 *
 * @see <a href="https://theupdateframework.github.io/specification/v1.0.34/">TUF specification 1.0.34</a>
 */
@NullMarked
package dev.muster.protocol.tuf;

import org.jspecify.annotations.NullMarked;
