/** Asset types: what an asset of a kind reports, accepts and needs. Table {@code asset_type}. */
@NullMarked
package dev.muster.registry.type;

import org.jspecify.annotations.NullMarked;
