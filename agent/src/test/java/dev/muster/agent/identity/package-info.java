@NullMarked
package dev.muster.agent.identity;

import org.jspecify.annotations.NullMarked;
