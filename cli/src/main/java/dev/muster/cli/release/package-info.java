/** Making, signing and publishing releases: key files, bundles, signed metadata, uploads. */
@NullMarked
package dev.muster.cli.release;

import org.jspecify.annotations.NullMarked;
