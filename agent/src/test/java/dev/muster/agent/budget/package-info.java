@NullMarked
package dev.muster.agent.budget;

import org.jspecify.annotations.NullMarked;
