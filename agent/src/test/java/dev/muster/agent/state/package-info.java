@NullMarked
package dev.muster.agent.state;

import org.jspecify.annotations.NullMarked;
