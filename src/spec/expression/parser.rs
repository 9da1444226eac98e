//! From tokens to gates, with an explicit stack instead of recursion.

use std::ops::Range;

use super::NodeNames;
use super::lexer::{Lexer, Token};
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId};
use crate::spec::NESTING_MAX;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::{nearest, quoted};

/// The formula of an expression, or `None` after at least one problem.
pub(in crate::spec) fn parse(text: &str, names: &mut NodeNames, problems: &mut Problems) -> Option<Formula> {
    let before = problems.count();
    let lexer = Lexer::new(text);
    let mut parser = Parser { lexer, builder: FormulaBuilder::new(), frames: Vec::new(), names, problems };
    match parser.run() {
        Ok(root) if parser.problems.count() == before => Some(parser.builder.finish(root)),
        Ok(_) => None,
        Err(problem) => {
            parser.problems.push(problem);
            None
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Choose,
    Majority,
    Weighted,
}

impl Function {
    const ALL: [Function; 3] = [Function::Choose, Function::Majority, Function::Weighted];

    fn name(self) -> &'static str {
        match self {
            Function::Choose => "choose",
            Function::Majority => "majority",
            Function::Weighted => "weighted",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Function::Choose => "choose(2, a, b, c)",
            Function::Majority => "majority(a, b, c)",
            Function::Weighted => "weighted(3, a=2, b=1, c=1)",
        }
    }
}

/// Something open: the whole expression, a parenthesis, or a function.
#[derive(Debug)]
struct Frame {
    function: Option<Function>,
    /// The parenthesis, or the name of the function.
    span: Range<usize>,
    /// The number of a `choose` or a `weighted`.
    number: (u64, Range<usize>),
    arguments: Vec<(GateId, u64)>,
    /// Finished operands of `+`.
    terms: Vec<GateId>,
    /// Operands of the `*` that is being read.
    factors: Vec<GateId>,
}

impl Frame {
    fn new(function: Option<Function>, span: Range<usize>) -> Self {
        Frame { function, span, number: (0, 0..0), arguments: Vec::new(), terms: Vec::new(), factors: Vec::new() }
    }
}

/// A problem after which the rest of the expression makes no sense is an error; others are pushed, and reading goes on.
struct Parser<'a, 'b> {
    lexer: Lexer<'a>,
    builder: FormulaBuilder,
    frames: Vec<Frame>,
    names: &'b mut NodeNames,
    problems: &'b mut Problems,
}

impl<'a> Parser<'a, '_> {
    fn run(&mut self) -> Result<GateId, Problem> {
        let mut frame = Frame::new(None, 0..0);
        loop {
            frame = self.operand(frame)?;
            while let Some(closed) = self.operator(&mut frame)? {
                let Some(mut outer) = self.frames.pop() else {
                    return Ok(closed);
                };
                outer.factors.push(closed);
                frame = outer;
            }
        }
    }

    /// Reads up to and with the next node; what opens on the way becomes the frame.
    fn operand(&mut self, mut frame: Frame) -> Result<Frame, Problem> {
        loop {
            let (token, span) = self.lexer.next()?;
            match token {
                Token::Word(word) if self.lexer.before_parenthesis() => {
                    let opened = self.call(word, span)?;
                    self.open(&mut frame, opened)?;
                }
                Token::Word(name) => return self.leaf(frame, name, &span),
                Token::Quoted(name) => return self.leaf(frame, &name, &span),
                Token::Open => self.open(&mut frame, Frame::new(None, span))?,
                other => return Err(self.no_operand(&frame, &other, span)),
            }
        }
    }

    fn leaf(&mut self, mut frame: Frame, name: &str, span: &Range<usize>) -> Result<Frame, Problem> {
        let node = self.names.intern_at(name, span)?;
        frame.factors.push(self.builder.leaf(node));
        Ok(frame)
    }

    fn open(&mut self, frame: &mut Frame, opened: Frame) -> Result<(), Problem> {
        if self.frames.len() >= NESTING_MAX {
            let message = format!("an expression nested deeper than {NESTING_MAX} levels");
            return Err(Problem::new(opened.span, message).label("one level too deep"));
        }
        self.frames.push(std::mem::replace(frame, opened));
        Ok(())
    }

    /// Reads `name(`, and the number and the comma that `choose` and `weighted` begin with.
    fn call(&mut self, word: &'a str, span: Range<usize>) -> Result<Frame, Problem> {
        let Some(function) = Function::ALL.into_iter().find(|function| function.name() == word) else {
            return Err(unknown_function(word, span));
        };
        self.lexer.next()?;
        let mut frame = Frame::new(Some(function), span);
        if function != Function::Majority {
            frame.number = self.number(function, "begins with a number")?;
            let (token, span) = self.lexer.next()?;
            if token != Token::Comma {
                let message = format!("{} expects a comma after its number", quoted(function.name()));
                return Err(example(Problem::new(span, message), function));
            }
        }
        Ok(frame)
    }

    fn number(&mut self, function: Function, rule: &str) -> Result<(u64, Range<usize>), Problem> {
        let (token, span) = self.lexer.next()?;
        let Token::Word(word) = token else {
            return Err(example(Problem::new(span, format!("{} {rule}", quoted(function.name()))), function));
        };
        match word.parse() {
            Ok(number) => Ok((number, span)),
            Err(_) if word.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(Problem::new(span, format!("{} is too large", quoted(word))).label(format!("at most {}", u64::MAX)))
            }
            Err(_) => {
                let message = format!("{} {rule}, and {} is none", quoted(function.name()), quoted(word));
                Err(example(Problem::new(span, message).label("not a whole number, zero or more"), function))
            }
        }
    }

    /// Reads what stands after an operand: `None` when another operand must follow, the gate when the frame is closed.
    fn operator(&mut self, frame: &mut Frame) -> Result<Option<GateId>, Problem> {
        let (token, span) = self.lexer.next()?;
        match (token, frame.function) {
            (Token::Star, _) => Ok(None),
            (Token::Plus, _) => self.product(frame, &span).map(|()| None),
            (Token::Equals, Some(Function::Weighted)) => self.votes(frame, &span),
            (Token::Comma | Token::Close, Some(Function::Weighted)) => {
                let problem = Problem::new(span, "a member of `weighted` without votes").label("votes are missing");
                Err(problem.help(format!("write `=` and its votes: `{}`", Function::Weighted.example())))
            }
            (Token::Comma, Some(_)) => self.argument(frame, 1, &span).map(|()| None),
            (Token::Close, Some(_)) => {
                self.argument(frame, 1, &span)?;
                self.finish_call(frame).map(Some)
            }
            (Token::Close, None) if !self.frames.is_empty() => self.sum(frame, &span).map(Some),
            (Token::End, None) if self.frames.is_empty() => self.sum(frame, &span).map(Some),
            (Token::End, _) => {
                let problem = Problem::new(frame.span.clone(), "a parenthesis that is not closed").label("opened here");
                Err(problem.help("close it with `)`".to_string()))
            }
            (Token::Close, None) => Err(Problem::new(span, "a `)` that closes nothing")),
            (Token::Comma, None) => {
                let problem = Problem::new(span, "a comma outside of a function");
                Err(problem.help("write `+` for either and `*` for both, or `choose(2, a, b, c)`".to_string()))
            }
            (Token::Equals, _) => {
                let problem = Problem::new(span, "votes outside of `weighted`");
                Err(problem.help(format!("only the members of `{}` have votes", Function::Weighted.example())))
            }
            (Token::Word(_) | Token::Quoted(_) | Token::Open, _) => {
                let problem = Problem::new(span, "two operands without an operator between them");
                let help = "write `+` for either and `*` for both; names with spaces stand between double quotes";
                Err(problem.label("expected `+` or `*` before this").help(help.to_string()))
            }
        }
    }

    /// Reads the votes behind `=`, and what follows.
    fn votes(&mut self, frame: &mut Frame, equals: &Range<usize>) -> Result<Option<GateId>, Problem> {
        let (votes, _) = self.number(Function::Weighted, "expects whole numbers as votes")?;
        self.argument(frame, votes, equals)?;
        let (token, span) = self.lexer.next()?;
        match token {
            Token::Comma => Ok(None),
            Token::Close => self.finish_call(frame).map(Some),
            Token::End => {
                let problem = Problem::new(frame.span.clone(), "a parenthesis that is not closed").label("opened here");
                Err(problem.help("close it with `)`".to_string()))
            }
            _ => Err(example(Problem::new(span, "expected `,` or `)` after votes"), Function::Weighted)),
        }
    }

    fn product(&mut self, frame: &mut Frame, span: &Range<usize>) -> Result<(), Problem> {
        let factors = std::mem::take(&mut frame.factors);
        let term = self.builder.and(&factors).map_err(|error| too_large(&error, span))?;
        frame.terms.push(term);
        Ok(())
    }

    fn sum(&mut self, frame: &mut Frame, span: &Range<usize>) -> Result<GateId, Problem> {
        self.product(frame, span)?;
        let terms = std::mem::take(&mut frame.terms);
        self.builder.or(&terms).map_err(|error| too_large(&error, span))
    }

    fn argument(&mut self, frame: &mut Frame, votes: u64, span: &Range<usize>) -> Result<(), Problem> {
        let argument = self.sum(frame, span)?;
        frame.arguments.push((argument, votes));
        Ok(())
    }

    /// The gate of a function; after a wrong number any gate does, since the formula will not be used.
    fn finish_call(&mut self, frame: &mut Frame) -> Result<GateId, Problem> {
        let members: Vec<GateId> = frame.arguments.iter().map(|(argument, _)| *argument).collect();
        let (number, span) = frame.number.clone();
        let gate = match frame.function {
            Some(Function::Choose) => self.builder.threshold(number, &members),
            Some(Function::Weighted) => self.builder.weighted(number, &frame.arguments),
            _ => self.builder.threshold(members.len() as u64 / 2 + 1, &members),
        };
        let problem = match gate {
            Ok(gate) => return Ok(gate),
            Err(FormulaError::Threshold { .. }) => {
                let label = format!("must be from 1 to {}", members.len());
                Problem::new(span, format!("`choose` asks for {number} of {} members", members.len())).label(label)
            }
            Err(FormulaError::Quota { total: 0, .. }) => {
                Problem::new(frame.span.clone(), "`weighted` in which nobody has a vote").label("all votes are 0")
            }
            Err(FormulaError::Quota { total, .. }) => {
                let label = format!("must be from 1 to {total}");
                Problem::new(span, format!("`weighted` asks for {number} of {total} votes")).label(label)
            }
            Err(error) => return Err(too_large(&error, &frame.span)),
        };
        self.problems.push(problem);
        self.builder.or(&members).map_err(|error| too_large(&error, &frame.span))
    }

    /// What is wrong with a token where a node should stand.
    fn no_operand(&self, frame: &Frame, token: &Token<'_>, span: Range<usize>) -> Problem {
        let begins = frame.factors.is_empty() && frame.terms.is_empty() && frame.arguments.is_empty();
        match (token, frame.function) {
            (Token::End, None) if begins && self.frames.is_empty() => {
                Problem::new(span, "an empty expression").help("name at least one node".to_string())
            }
            (Token::End, _) => {
                Problem::new(span, "the expression ends too early").label("expected a node, a function or `(`")
            }
            (Token::Close, Some(function)) if begins => example(
                Problem::new(frame.span.clone(), format!("{} without members", quoted(function.name()))),
                function,
            ),
            (Token::Close, None) if begins && !self.frames.is_empty() => {
                Problem::new(frame.span.start..span.end, "empty parentheses")
            }
            _ => Problem::new(span, "an operand is missing").label("expected a node, a function or `(` before this"),
        }
    }
}

fn example(problem: Problem, function: Function) -> Problem {
    problem.help(format!("for example `{}`", function.example()))
}

fn too_large(error: &FormulaError, span: &Range<usize>) -> Problem {
    Problem::new(span.clone(), error.to_string())
}

fn unknown_function(word: &str, span: Range<usize>) -> Problem {
    let help = match nearest(&word.to_lowercase(), Function::ALL.into_iter().map(Function::name)) {
        Some(name) => format!("did you mean {}?", quoted(name)),
        None if word == "and" || word == "or" || word == "not" => {
            "write `+` for either and `*` for both; there is no negation".into()
        }
        None => {
            "the functions are `choose`, `majority` and `weighted`; to combine a node with a parenthesis, put `+` or \
                 `*` between them"
                .into()
        }
    };
    Problem::new(span, format!("unknown function {}", quoted(word))).label("not a function").help(help)
}
