@NullMarked
package dev.muster.agent.mqtt;

import org.jspecify.annotations.NullMarked;
