@NullMarked
package dev.muster.agent.rules;

import org.jspecify.annotations.NullMarked;
