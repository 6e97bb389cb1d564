/**
 * Configurations: what people declare that assets should be, for one asset or a group. Table {@code configuration}.
 *
 * <p>What an asset's own configuration called {@code local.ASSET} holds was changed on the asset and accepted; the server writes
 * it, people may delete it.
 */
@NullMarked
package dev.muster.twin.configuration;

import org.jspecify.annotations.NullMarked;
