package dev.muster.identity;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What an actor needs to call a route. A route without it is refused.
 *
 * <p>A route over several kinds (apply) names the least one here, and asks {@link Permissions#require} for each object.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Requires {
    Verb verb();

    Kind kind();
}
