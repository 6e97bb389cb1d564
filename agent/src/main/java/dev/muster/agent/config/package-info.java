/** The parts of the desired {@code config} that something on the asset understands. */
@NullMarked
package dev.muster.agent.config;

import org.jspecify.annotations.NullMarked;
