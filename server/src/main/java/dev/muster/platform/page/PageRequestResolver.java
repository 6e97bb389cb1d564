package dev.muster.platform.page;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Reads a {@link PageRequest} from {@code ?limit=&continue=}. */
public final class PageRequestResolver implements HandlerMethodArgumentResolver {

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == PageRequest.class;
    }

    @Override
    public PageRequest resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        String token = request.getParameter("continue");
        return new PageRequest(limit(request.getParameter("limit")), token == null || token.isEmpty() ? null : token);
    }

    private static int limit(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return PageRequest.DEFAULT_LIMIT;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Refusal(ErrorCode.INVALID, "limit is not a number; allowed is 1 to " + PageRequest.MAX_LIMIT);
        }
    }
}
