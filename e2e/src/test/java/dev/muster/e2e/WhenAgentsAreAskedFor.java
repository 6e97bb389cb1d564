package dev.muster.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Takes minutes, so it is run when asked for: {@code -Dagents=10 -Dkills=20}, or {@code -Dagents=3 -Dkills=4}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
        named = "agents",
        matches = "\\d+",
        disabledReason = "takes minutes; -Dagents=3 -Dkills=4 runs the smallest")
@interface WhenAgentsAreAskedFor {}
