/** The wire contract between assets and Muster: topics, payload records and their codecs. See docs/protocol.md. */
@NullMarked
package dev.muster.protocol;

import org.jspecify.annotations.NullMarked;
