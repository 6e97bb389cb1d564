/** What the server wants of this asset: tried, confirmed, kept or given up, and reported. */
@NullMarked
package dev.muster.agent.desired;

import org.jspecify.annotations.NullMarked;
