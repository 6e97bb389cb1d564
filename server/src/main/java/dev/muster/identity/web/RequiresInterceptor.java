package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.Permissions;
import dev.muster.identity.Requires;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.resource.ResourceHttpRequestHandler;

/** Compares the caller with what the route requires; a route that does not say what it requires is refused to everybody. */
@Component
class RequiresInterceptor implements HandlerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(RequiresInterceptor.class);

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        boolean first = request.getDispatcherType() == DispatcherType.REQUEST;
        // No static resource exists, so this handler can only say that there is nothing at the path.
        if (!first || handler instanceof ResourceHttpRequestHandler || Routes.isOpen(request.getRequestURI())) {
            return true;
        }
        Routes.Need need = need(request, handler);
        if (need == null) {
            LOG.error(
                    "refused {} {}: its handler {} does not carry @Requires",
                    request.getMethod(),
                    request.getRequestURI(),
                    handler);
            throw new Refusal(
                    ErrorCode.FORBIDDEN,
                    "%s %s is closed to everybody: the route does not say what it requires, which is a fault of the server"
                            .formatted(request.getMethod(), request.getRequestURI()));
        }
        if (!(request.getAttribute(Actor.REQUEST_ATTRIBUTE) instanceof Actor actor)) {
            throw new Refusal(ErrorCode.UNAUTHENTICATED, request.getRequestURI() + " needs a token");
        }
        Permissions.require(actor, need.verb(), need.kind());
        return true;
    }

    private static Routes.@Nullable Need need(HttpServletRequest request, Object handler) {
        Requires requires = handler instanceof HandlerMethod method ? method.getMethodAnnotation(Requires.class) : null;
        return requires == null
                ? Routes.need(request.getRequestURI())
                : new Routes.Need(requires.verb(), requires.kind());
    }
}
