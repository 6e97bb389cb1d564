@NullMarked
package dev.muster.agent.metrics;

import org.jspecify.annotations.NullMarked;
