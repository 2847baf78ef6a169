"""What is read out of the paragraphs: ten models of six fields, one of each kind of value."""

from typing import Literal

from pydantic import BaseModel, Field


class Recipe(BaseModel):
    """A recipe."""

    dish: str = Field(description="The name of the dish.")
    servings: int
    hours: float = Field(description="How long it takes, in hours.")
    vegetarian: bool
    difficulty: Literal["easy", "medium", "hard"]
    ingredients: list[str]


class Home(BaseModel):
    """A home that is to let or for sale."""

    street: str
    rooms: int
    price: float = Field(description="In euros.")
    garden: bool = Field(description="Whether it has a garden.")
    kind: Literal["house", "flat"]
    nearby: list[str] = Field(description="What is near it.")


class Review(BaseModel):
    """A review of a product."""

    product: str
    stars: int
    price: float
    recommended: bool
    feeling: Literal["positive", "negative"]
    faults: list[str] = Field(description="What the reviewer complains of.")


class Visit(BaseModel):
    """A visit to a doctor."""

    patient: str = Field(description="The patient's name.")
    age: int
    temperature: float = Field(description="In degrees Celsius.")
    smoker: bool
    urgency: Literal["low", "high"]
    symptoms: list[str]


class Study(BaseModel):
    """A scientific study."""

    examined: str = Field(description="What was examined.")
    samples: int = Field(description="How many samples were taken.")
    accuracy: float = Field(description="In percent.")
    published: bool
    field: Literal["biology", "physics", "chemistry"]
    authors: list[str]


class Flight(BaseModel):
    """A flight."""

    number: str = Field(description="The flight's number.")
    passengers: int
    delay_hours: float = Field(description="In hours.")
    cancelled: bool
    cause: Literal["weather", "strike", "technical"]
    stops: list[str] = Field(description="The cities where it stops on the way.")


class Band(BaseModel):
    """A band."""

    name: str
    founded: int = Field(description="The year.")
    million_sold: float = Field(description="Records sold, in millions.")
    active: bool = Field(description="Whether it still plays.")
    genre: Literal["rock", "jazz", "folk"]
    members: list[str]


class Car(BaseModel):
    """A used car."""

    make: str
    year: int
    litres: float = Field(description="Litres it takes for 100 km.")
    accident: bool = Field(description="Whether it has had an accident.")
    fuel: Literal["petrol", "diesel", "electric"]
    extras: list[str]


class Match(BaseModel):
    """A match of football."""

    winner: str = Field(description="The team that won.")
    spectators: int
    rating: float = Field(description="The mark that the paper gave it.")
    extra_time: bool = Field(description="Whether there was extra time.")
    stage: Literal["group", "semi-final", "final"]
    scorers: list[str]


class Hotel(BaseModel):
    """A hotel."""

    name: str
    floors: int
    score: float = Field(description="What its guests give it, out of ten.")
    pool: bool = Field(description="Whether it has a pool.")
    season: Literal["summer", "winter"] = Field(description="When most guests come.")
    languages: list[str] = Field(description="What is spoken at the desk.")
