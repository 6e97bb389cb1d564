package dev.muster.platform.web;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Problem;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the servlet container refuses before any route is reached, as problem+json like everything else. */
@Hidden
@RestController
public final class ErrorPage implements ErrorController {

    @RequestMapping("/error")
    public ResponseEntity<Problem> error(HttpServletRequest request) {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        ErrorCode code = ProblemAdvice.codeFor(status instanceof Integer number ? number : 404);
        return ResponseEntity.status(code.status())
                .header(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .body(Problem.of(code, "the request was refused before it reached a route"));
    }
}
