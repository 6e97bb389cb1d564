@NullMarked
package dev.muster.agent.logs;

import org.jspecify.annotations.NullMarked;
