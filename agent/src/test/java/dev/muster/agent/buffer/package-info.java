@NullMarked
package dev.muster.agent.buffer;

import org.jspecify.annotations.NullMarked;
