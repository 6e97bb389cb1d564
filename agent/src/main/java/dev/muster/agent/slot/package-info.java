/** Applications in two slots: installed beside, switched, watched, and switched back when they do not become healthy. */
@NullMarked
package dev.muster.agent.slot;

import org.jspecify.annotations.NullMarked;
